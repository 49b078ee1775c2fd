/** Numbers, sizes and dates as text. The hub speaks English, so the locale is fixed. */

const LOCALE = "en";

const integers = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 });
const dates = new Intl.DateTimeFormat(LOCALE, { dateStyle: "medium" });
const moments = new Intl.DateTimeFormat(LOCALE, { dateStyle: "long", timeStyle: "short" });

const BYTE_UNITS = ["B", "kB", "MB", "GB", "TB", "PB"] as const;

/** UDUNITS-2 names, as NGFF spells them, to symbols. Source: https://ngff.openmicroscopy.org/0.5/#axes-md */
const UNIT_SYMBOLS: Readonly<Record<string, string>> = {
  angstrom: "Å",
  nanometer: "nm",
  micrometer: "µm",
  millimeter: "mm",
  centimeter: "cm",
  meter: "m",
  millisecond: "ms",
  second: "s",
  minute: "min",
  hour: "h",
  pixel: "px",
};

export function formatInteger(value: number): string {
  return integers.format(value);
}

/** `1 observation`, `1,234 observations`. */
export function formatCount(count: number, noun: string, plural = `${noun}s`): string {
  return `${formatInteger(count)} ${count === 1 ? noun : plural}`;
}

/** Decimal units, three digits at most: `999 B`, `1.23 MB`, `45.6 GB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < BYTE_UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const text = unit === 0 ? String(value) : String(Number(value.toPrecision(3)));
  return `${text} ${BYTE_UNITS[unit]}`;
}

/** Width and height: `2,048 × 1,024 px`. */
export function formatSize([width, height]: readonly [number, number]): string {
  return `${formatInteger(width)} × ${formatInteger(height)} px`;
}

/** An array's shape in axis order: `3 × 512 × 512`. */
export function formatShape(shape: readonly number[]): string {
  return shape.map(formatInteger).join(" × ");
}

/** A number with four significant digits, no trailing zeros. */
export function formatNumber(value: number): string {
  if (value === 0 || (Math.abs(value) >= 0.001 && Math.abs(value) < 1e6)) {
    return new Intl.NumberFormat(LOCALE, { maximumSignificantDigits: 4 }).format(value);
  }
  return value.toExponential(2);
}

/** A quantity: `0.2125 µm`; the number alone when the unit is unknown. */
export function formatQuantity(value: number, unit: string | null | undefined): string {
  return unit ? `${formatNumber(value)} ${UNIT_SYMBOLS[unit] ?? unit}` : formatNumber(value);
}

/** `Nov 21, 2025` */
export function formatDate(iso: string): string {
  return dates.format(new Date(iso));
}

/** `November 21, 2025 at 1:09 AM` */
export function formatMoment(iso: string): string {
  return moments.format(new Date(iso));
}
