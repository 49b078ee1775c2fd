import { expect, test } from "vitest";
import { compareFacets, getFacetTitle, getLabelUrl, groupLabels } from "./facets";
import type { Label } from "./types";

function buildLabel(registry: string, name: string, feature: string | null = null): Label {
  return { registry, name, uid: `${registry}-${name}`, ontology_id: null, feature };
}

test("registries come first, then features by name, then fields", () => {
  const facets = ["format", "donor", "assay", "batch", "created_by", "tissue"];
  expect(facets.sort(compareFacets)).toEqual(["tissue", "assay", "batch", "donor", "format", "created_by"]);
});

test("names of features are made readable", () => {
  expect(getFacetTitle("cell_type")).toBe("Cell type");
  expect(getFacetTitle("donor_age")).toBe("Donor age");
});

test("a term that is the value of several features is told once", () => {
  const labels = [
    buildLabel("ExperimentalFactor", "10x Xenium"),
    buildLabel("Tissue", "lung", "tissue"),
    buildLabel("Tissue", "lung"),
    buildLabel("Tissue", "brain"),
  ];
  expect(groupLabels(labels).map(({ title, terms }) => [title, terms.map(({ name }) => name)])).toEqual([
    ["Tissue", ["lung", "brain"]],
    ["Assay", ["10x Xenium"]],
  ]);
});

test("terms of one's own are told by their feature", () => {
  const labels = [
    buildLabel("ULabel", "urgent"),
    buildLabel("ULabel", "B1", "batch"),
    buildLabel("Sex", "male", "sex"),
  ];
  expect(groupLabels(labels).map(({ facet, title }) => [facet, title])).toEqual([
    ["sex", "Sex"],
    ["batch", "Batch"],
    ["ulabel", "Label"],
  ]);
});

test("a label leads to the datasets that have it, by its ontology id if it has one", () => {
  const lung = { ...buildLabel("Tissue", "lung"), ontology_id: "UBERON:0002048" };
  expect(getLabelUrl("tissue", lung)).toBe("/?tissue=UBERON%3A0002048");
  expect(getLabelUrl("batch", buildLabel("ULabel", "B1"))).toBe("/?batch=ULabel-B1");
});
