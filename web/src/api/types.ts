/** The API's records under the names that the pages use. The schema is generated from the server's OpenAPI document. */
import type { components } from "./schema.gen";

type Schemas = components["schemas"];

export type Annotations = Schemas["Annotations"];
export type Artifact = Schemas["ArtifactOut"];
export type ArtifactPage = Schemas["Page_ArtifactOut_"];
export type Axis = Schemas["Axis"];
export type Channel = Schemas["Channel"];
export type Column = Schemas["Column"];
export type Content = Schemas["Content"];
export type Element = Schemas["Element"];
export type ElementOverrides = Schemas["ElementOverrides"];
export type Facet = Schemas["Facet"];
export type FeatureValue = Schemas["FeatureValue"];
export type FileEntry = Schemas["Entry"];
export type FilePage = Schemas["Page_Entry_"];
export type Finding = Schemas["Finding"];
export type Health = Schemas["Health"];
export type ImageElement = Schemas["ImageElement"];
export type Label = Schemas["Label"];
export type LabelsElement = Schemas["LabelsElement"];
export type Level = Schemas["Level"];
export type LineageArtifact = Schemas["LineageArtifact"];
export type LineageGraph = Schemas["LineageGraph"];
export type LineageRun = Schemas["LineageRun"];
export type Overrides = Schemas["Overrides"];
export type PointsElement = Schemas["PointsElement"];
export type Problem = Schemas["Problem"];
export type Report = Schemas["ReportOut"];
export type Run = Schemas["Run"];
export type RunPage = Schemas["Page_Run_"];
export type SavedView = Schemas["View"];
export type SavedViewPage = Schemas["Page_View_"];
export type ShapesElement = Schemas["ShapesElement"];
export type TableElement = Schemas["TableElement"];
