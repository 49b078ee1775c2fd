/** The facets beside the gallery. */
import { useCallback, useEffect, useMemo, useState } from "react";
import { type ArtifactQuery, countFacet, N_FACET_VALUES } from "../../api/artifacts";
import { compareFacets, getValueName } from "../../api/facets";
import type { ArtifactPage, Facet } from "../../api/types";

export interface FacetValue {
  id: string;
  label: string;
  /** Datasets that have it; null when that is not known. */
  count: number | null;
  /** The value in the address that chooses it, its id or its name; null when it is not chosen. */
  chosenAs: string | null;
}

export interface FacetGroup {
  facet: string;
  values: readonly FacetValue[];
  /** Whether there may be more values than these. */
  isCut: boolean;
}

export interface Facets {
  groups: readonly FacetGroup[];
  /** Count all values of a facet, and not only the most frequent ones. */
  expand: (facet: string) => void;
}

type Counts = Readonly<Record<string, readonly Facet[]>>;

/** Created-by and kind tell nothing as long as they have one value. */
const ONLY_WITH_CHOICE = new Set(["created_by", "kind"]);

/**
 * @param page The present answer; null while there is none.
 * @returns Facets in order. Of one that is filtered by, the values that could be chosen instead or as well: they are
 *   counted without that filter, in a request of its own.
 */
export function useFacets(query: ArtifactQuery, page: ArtifactPage | null): Facets {
  const [expanded, setExpanded] = useState<readonly string[]>([]);
  const [others, setOthers] = useState<Counts>({});
  useEffect(() => {
    const controller = new AbortController();
    const alone = [...new Set([...Object.keys(query.filters), ...expanded])];
    Promise.all(alone.map(async (facet) => [facet, await countFacet(query, facet, controller.signal)] as const)).then(
      (answers) => controller.signal.aborted || setOthers(Object.fromEntries(answers)),
      () => undefined, // the list itself tells what is wrong
    );
    return () => controller.abort();
  }, [query, expanded]);
  const groups = useMemo(
    () => buildGroups(query, { ...page?.facets, ...others }, page?.total ?? null),
    [query, page, others],
  );
  const expand = useCallback((facet: string) => setExpanded((last) => [...new Set([...last, facet])]), []);
  return { groups, expand };
}

/** @param total Datasets that fulfil the whole query; null while that is not known. */
export function buildGroups(
  { filters }: Pick<ArtifactQuery, "filters">,
  counts: Counts,
  total: number | null,
): FacetGroup[] {
  return [...new Set([...Object.keys(counts), ...Object.keys(filters)])]
    .map((facet) => ({
      facet,
      values: listValues(facet, counts[facet] ?? [], filters[facet] ?? [], total),
      isCut: counts[facet]?.length === N_FACET_VALUES,
    }))
    .filter(({ facet, values }) => values.length > (ONLY_WITH_CHOICE.has(facet) && !filters[facet] ? 1 : 0))
    .sort((one, other) => compareFacets(one.facet, other.facet));
}

function listValues(
  facet: string,
  counted: readonly Facet[],
  chosen: readonly string[],
  total: number | null,
): FacetValue[] {
  const values = counted.map(({ id, label, count }) => ({
    id,
    label: getValueName(facet, label),
    count,
    chosenAs: chosen.find((text) => isSame(text, id) || isSame(text, label)) ?? null,
  }));
  const found = new Set(values.map(({ chosenAs }) => chosenAs));
  const missing = chosen.filter((text) => !found.has(text));
  // One may still find something: a synonym, or a term above those that datasets are labelled with.
  const count = total === 0 || chosen.length === 1 ? total : null;
  return [...values, ...missing.map((id) => ({ id, label: getValueName(facet, id), count, chosenAs: id }))];
}

/** Names of terms and their ids are the same in every case, as the server has it. */
function isSame(text: string, other: string): boolean {
  return text.toLowerCase() === other.toLowerCase();
}
