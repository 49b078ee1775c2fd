/** Where the page gets its Vitessce configuration from, and what it does to it. */
import { isLocal } from "./network";
import { ViewerError } from "./problem";

/** A Vitessce view config. Source: https://vitessce.io/docs/view-config-json/ */
export interface VitessceConfig {
  name?: string;
  version: string;
  datasets: readonly Record<string, unknown>[];
  [property: string]: unknown;
}

/**
 * The address in the page's `?config=`.
 *
 * @throws ViewerError There is none, or it leads to another origin.
 */
export function parseConfigAddress(page: URL): URL {
  const text = page.searchParams.get("config");
  if (!text) {
    throw new ViewerError({
      title: "Nothing to show",
      detail: "The address of this page names no view.",
      hint: "Open a dataset in the hub, or add ?config= with the address of a view of this server.",
    });
  }
  const url = URL.parse(text, page);
  if (url?.origin !== page.origin || url.protocol !== page.protocol) {
    throw new ViewerError({
      title: "This view is elsewhere",
      detail: `The viewer opens views of its own server only; ${text} is not one of ${page.origin}.`,
      hint: "Open the dataset in the hub that it belongs to.",
    });
  }
  return url;
}

/**
 * The config with every address of data made absolute, relative to the config's own address.
 *
 * @throws ViewerError It is no config, or its data lie on another origin.
 */
export function resolveConfig(value: unknown, base: URL): VitessceConfig {
  if (!isConfig(value)) {
    throw new ViewerError({
      title: "This is not a view",
      detail: `${base.pathname} is not a Vitessce configuration: expected an object with version and datasets.`,
    });
  }
  return { ...value, datasets: value.datasets.map((dataset) => resolveUrls(dataset, base) as Record<string, unknown>) };
}

function isConfig(value: unknown): value is VitessceConfig {
  return isObject(value) && typeof value.version === "string" && Array.isArray(value.datasets);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `url`, `offsetsUrl`, `refSpecUrl`, ... wherever they are. */
function resolveUrls(value: unknown, base: URL): unknown {
  if (Array.isArray(value)) return value.map((item) => resolveUrls(item, base));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      /(^u|U)rl$/.test(key) && typeof item === "string" ? resolveUrl(item, base) : resolveUrls(item, base),
    ]),
  );
}

function resolveUrl(text: string, base: URL): string {
  const url = URL.parse(text, base);
  if (url === null || !isLocal(url, base.origin)) {
    throw new ViewerError({
      title: "This view needs data from elsewhere",
      detail: `The view reads ${text}, which is not on ${base.origin}. The viewer works offline and asks no other server.`,
      hint: "Add that dataset to this hub and open it from here.",
    });
  }
  return url.href;
}
