/** The search as the address tells it: `?q=…&format=…&format=…&order=…`. */
import type { ArtifactQuery } from "../../api/artifacts";

/** Ways to sort, the first is the default. */
export const ORDERS: readonly { value: string; label: string }[] = [
  { value: "-created_at", label: "Newest first" },
  { value: "created_at", label: "Oldest first" },
  { value: "key", label: "Name" },
  { value: "-size_bytes", label: "Largest first" },
  { value: "-n_observations", label: "Most observations" },
];

const DEFAULT_ORDER = "-created_at";

export function parseQuery(parameters: URLSearchParams): ArtifactQuery {
  const order = parameters.get("order") ?? DEFAULT_ORDER;
  return {
    text: parameters.get("q") ?? "",
    formats: parameters.getAll("format"),
    order: ORDERS.some(({ value }) => value === order) ? order : DEFAULT_ORDER,
  };
}

/** Only what differs from the default, so that addresses stay short. */
export function writeQuery({ text, formats, order }: ArtifactQuery): URLSearchParams {
  const parameters = new URLSearchParams();
  if (text) parameters.set("q", text);
  for (const format of formats) parameters.append("format", format);
  if (order !== DEFAULT_ORDER) parameters.set("order", order);
  return parameters;
}

export function hasFilter({ text, formats }: ArtifactQuery): boolean {
  return text !== "" || formats.length > 0;
}
