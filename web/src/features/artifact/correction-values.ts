/** From what stands in the form to overrides, and back. */
import type { ElementOverrides, ImageElement, LabelsElement } from "../../api/types";

type Raster = ImageElement | LabelsElement;
type Color = [number, number, number];
type Window = [number, number];

export type ChannelForm = { name: string; color: string; low: string; high: string };

/** Texts as people see and change them. */
export type CorrectionForm = {
  sizes: Readonly<Record<string, string>>;
  unit: string;
  isRgb: boolean;
  channels: readonly ChannelForm[];
};

export const UNITS = ["nanometer", "micrometer", "millimeter"] as const;

/** Axes in space in the order in which sizes are sent. */
export function listSpaceAxes(element: Raster): string[] {
  return ["z", "y", "x"].filter((name) => element.axes.some((axis) => axis.name === name));
}

/** The form as the element is now. */
export function readForm(element: Raster): CorrectionForm {
  const scale = element.levels[0]?.scale ?? [];
  const index = (name: string) => element.axes.findIndex((axis) => axis.name === name);
  const unit = element.axes[index("x")]?.unit ?? null;
  return {
    sizes: Object.fromEntries(
      listSpaceAxes(element).map((name) => [name, unit === null ? "" : String(scale[index(name)] ?? "")]),
    ),
    unit: unit ?? "micrometer",
    isRgb: element.kind === "image" && element.is_rgb === true,
    channels: element.kind === "image" ? element.channels.map(readChannel) : [],
  };
}

/**
 * What is said now: what was said before, with the changes of the form.
 *
 * @param before Said of this element before; null for nothing.
 * @throws Error Something in the form is no number, in words for the reader.
 */
export function buildOverrides(
  element: Raster,
  before: ElementOverrides | null,
  initial: CorrectionForm,
  form: CorrectionForm,
): ElementOverrides {
  const said: ElementOverrides = { ...before, path: element.path };
  const axes = listSpaceAxes(element);
  const isResized = form.unit !== initial.unit || axes.some((name) => form.sizes[name] !== initial.sizes[name]);
  if (isResized) {
    const given = axes.filter((name) => name !== "z" || form.sizes[name]?.trim());
    said.pixel_size = given.map((name) => parseNumber(form.sizes[name] ?? "", `pixel size along ${name}`));
    said.unit = form.unit;
  }
  if (form.isRgb !== initial.isRgb) said.is_rgb = form.isRgb;
  if (form.isRgb || form.channels.length === 0) return said;
  const changes = form.channels.map((channel, index) => compare(initial.channels[index], channel));
  said.channel_names =
    join(
      before?.channel_names,
      changes.map(({ name }) => name),
    ) ?? null;
  said.channel_colors =
    join(
      before?.channel_colors as (Color | null)[] | null,
      changes.map(({ color }) => color),
    ) ?? null;
  said.channel_windows =
    join(
      before?.channel_windows as (Window | null)[] | null,
      changes.map(({ window }) => window),
    ) ?? null;
  return said;
}

function readChannel(channel: ImageElement["channels"][number]): ChannelForm {
  const [low, high] = channel.window ?? [];
  return {
    name: channel.name,
    color: channel.color_rgb ? toHex(channel.color_rgb) : "",
    low: low === undefined ? "" : String(low),
    high: high === undefined ? "" : String(high),
  };
}

function compare(before: ChannelForm | undefined, now: ChannelForm) {
  const isWindow = now.low !== before?.low || now.high !== before?.high;
  return {
    name: now.name === before?.name ? null : now.name,
    color: now.color === before?.color ? null : parseHex(now.color),
    window: isWindow
      ? ([
          parseNumber(now.low, `lowest intensity of ${now.name}`),
          parseNumber(now.high, `highest intensity of ${now.name}`),
        ] as Window)
      : null,
  };
}

/** What was said, with what is new; nothing where neither says anything. */
function join<T>(
  before: readonly (T | null)[] | null | undefined,
  now: readonly (T | null)[],
): (T | null)[] | undefined {
  const joined = now.map((value, index) => value ?? before?.[index] ?? null);
  return joined.some((value) => value !== null) ? joined : undefined;
}

function parseNumber(text: string, what: string): number {
  const value = Number(text.replace(",", "."));
  if (text.trim() === "" || !Number.isFinite(value)) throw new Error(`The ${what} is no number.`);
  return value;
}

function toHex(color: readonly number[]): string {
  return `#${color.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

function parseHex(text: string): Color {
  return [1, 3, 5].map((start) => Number.parseInt(text.slice(start, start + 2), 16)) as Color;
}
