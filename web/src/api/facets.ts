/** What facets and registries are called, and in which order they are told. */
import { getFormatName } from "./summary";
import type { Label } from "./types";

interface Known {
  /** Name of the facet, as queries take it. */
  facet: string;
  /** Class name of the registry; null for a field. */
  registry: string | null;
  title: string;
}

const KNOWN: readonly Known[] = [
  { facet: "organism", registry: "Organism", title: "Organism" },
  { facet: "tissue", registry: "Tissue", title: "Tissue" },
  { facet: "cell_type", registry: "CellType", title: "Cell type" },
  { facet: "disease", registry: "Disease", title: "Disease" },
  { facet: "assay", registry: "ExperimentalFactor", title: "Assay" },
  { facet: "developmental_stage", registry: "DevelopmentalStage", title: "Developmental stage" },
  { facet: "sex", registry: "Sex", title: "Sex" },
  { facet: "ethnicity", registry: "Ethnicity", title: "Ethnicity" },
  { facet: "cell_line", registry: "CellLine", title: "Cell line" },
  { facet: "gene", registry: "Gene", title: "Gene" },
  { facet: "project", registry: "Project", title: "Project" },
  { facet: "format", registry: null, title: "Format" },
  { facet: "kind", registry: null, title: "Kind" },
  { facet: "created_by", registry: null, title: "Added by" },
  { facet: "ulabel", registry: "ULabel", title: "Label" },
];

/** Where facets that are not known, the features, come in: after the registries and before the fields. */
const FEATURES_AT = KNOWN.findIndex(({ registry }) => registry === null);

const POSITIONS = new Map(KNOWN.map(({ facet }, index) => [facet, index]));
const TITLES = new Map(KNOWN.map(({ facet, title }) => [facet, title]));
const FACETS = new Map(KNOWN.map(({ facet, registry }) => [registry, facet]));

/** `cell_type` is `Cell type`, and so is a feature of that name. */
export function getFacetTitle(facet: string): string {
  const words = facet.replaceAll("_", " ");
  return TITLES.get(facet) ?? words.charAt(0).toUpperCase() + words.slice(1);
}

export function compareFacets(one: string, other: string): number {
  const position = (facet: string) => POSITIONS.get(facet) ?? FEATURES_AT - 0.5;
  return position(one) - position(other) || one.localeCompare(other);
}

export function getValueName(facet: string, label: string): string {
  return facet === "format" ? getFormatName(label) : label;
}

/** Where the datasets with a label are: the gallery, filtered by it. */
export function getLabelUrl(facet: string, { ontology_id, uid }: Label): string {
  return `/?${new URLSearchParams({ [facet]: ontology_id ?? uid })}`;
}

export interface LabelGroup {
  facet: string;
  title: string;
  terms: readonly Label[];
}

/** Labels by facet, in the order of the facets, each term once however many features of a registry it is a value of. */
export function groupLabels(labels: readonly Label[]): LabelGroup[] {
  const groups = new Map<string, Map<string, Label>>();
  for (const label of labels) {
    const facet = getFacet(label);
    const terms = groups.get(facet) ?? new Map<string, Label>();
    if (!terms.has(label.uid)) terms.set(label.uid, label);
    groups.set(facet, terms);
  }
  return [...groups]
    .map(([facet, terms]) => ({ facet, title: getFacetTitle(facet), terms: [...terms.values()] }))
    .sort((one, other) => compareFacets(one.facet, other.facet));
}

/** Terms of one's own mean something by their feature, such as `batch`; all others by their registry. */
function getFacet({ feature, registry }: Label): string {
  if (registry === "ULabel" && feature) return feature;
  return FACETS.get(registry) ?? registry;
}
