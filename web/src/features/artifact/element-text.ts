/** Elements in a few words. */
import { describeSize } from "../../api/summary";
import type { Axis, Element, Level } from "../../api/types";
import { formatCount, formatInteger, formatQuantity } from "../../lib/format";

const GEOMETRIES = { polygon: "polygon", circle: "circle", mixed: "shape", unknown: "shape" } as const;

/** One line: how much of what. */
export function describeElement(element: Element): string {
  switch (element.kind) {
    case "image": {
      const channels = element.is_rgb ? "RGB" : formatCount(element.channels.length, "channel");
      return [describeSize(element), channels].filter(Boolean).join(", ");
    }
    case "labels":
      return describeSize(element);
    case "points":
      return element.n_points === null ? "Number of points unknown" : formatCount(element.n_points, "point");
    case "shapes":
      return formatCount(element.n_shapes, GEOMETRIES[element.geometry]);
    case "table":
      return element.n_vars > 0
        ? `${formatInteger(element.n_obs)} observations × ${formatInteger(element.n_vars)} variables`
        : `${formatCount(element.n_obs, "row")}, ${formatCount(element.obs_columns.length, "column")}`;
  }
}

/** `0.5 × 0.5 µm` along x and y, with z where there is one; null when the source gives no size. */
export function describePixelSize(axes: readonly Axis[], level: Level): string | null {
  const sizes = ["x", "y", "z"].flatMap((name) => {
    const index = axes.findIndex((axis) => axis.name === name);
    const scale = level.scale[index];
    const unit = axes[index]?.unit ?? null;
    return scale === undefined ? [] : [{ scale, unit }];
  });
  if (sizes.length === 0 || sizes.every(({ scale, unit }) => scale === 1 && unit === null)) return null;
  return sizes.map(({ scale, unit }) => formatQuantity(scale, unit)).join(" × ");
}
