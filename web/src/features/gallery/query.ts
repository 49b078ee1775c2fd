/** The search as the address tells it: `?q=…&tissue=…&tissue=…&format=…&order=…`. */
import type { ArtifactQuery, Filters } from "../../api/artifacts";

interface Order {
  value: string;
  label: string;
  /** When words are searched; as without them if absent. */
  labelWithText?: string;
}

/** Ways to sort, the first is the default: by relevance with words, without them what was added last. */
export const ORDERS: readonly Order[] = [
  { value: "relevance", label: "Latest first", labelWithText: "Best match first" },
  { value: "created_at", label: "Oldest first" },
  { value: "key", label: "Name" },
  { value: "-size_bytes", label: "Largest first" },
  { value: "-n_observations", label: "Most observations" },
];

const DEFAULT_ORDER = "relevance";

const OTHER_PARAMETERS = new Set(["q", "order", "limit", "cursor", "include", "exact", "facets", "facet_values"]);

export function parseQuery(parameters: URLSearchParams): ArtifactQuery {
  const order = parameters.get("order") ?? DEFAULT_ORDER;
  const facets = [...new Set(parameters.keys())].filter((name) => !OTHER_PARAMETERS.has(name));
  return {
    text: parameters.get("q") ?? "",
    filters: Object.fromEntries(facets.map((facet) => [facet, [...new Set(parameters.getAll(facet))]])),
    order: ORDERS.some(({ value }) => value === order) ? order : DEFAULT_ORDER,
  };
}

/** Only what differs from the default, so that addresses stay short. */
export function writeQuery({ text, filters, order }: ArtifactQuery): URLSearchParams {
  const parameters = new URLSearchParams();
  if (text) parameters.set("q", text);
  for (const [facet, values] of Object.entries(filters)) {
    for (const value of values) parameters.append(facet, value);
  }
  if (order !== DEFAULT_ORDER) parameters.set("order", order);
  return parameters;
}

export function hasFilter({ text, filters }: ArtifactQuery): boolean {
  return text !== "" || Object.keys(filters).length > 0;
}

/** The filters with a value switched on or off. */
export function toggleValue(filters: Filters, facet: string, value: string): Filters {
  const { [facet]: values = [], ...others } = filters;
  const changed = values.includes(value) ? values.filter((other) => other !== value) : [...values, value];
  return changed.length > 0 ? { ...others, [facet]: changed } : others;
}

/** The filters with a value in the place of another one. */
export function replaceValue(filters: Filters, facet: string, old: string, value: string): Filters {
  const kept = (filters[facet] ?? []).filter((other) => other !== old && other !== value);
  return { ...filters, [facet]: [...kept, value] };
}
