/** One dataset: look at it, know it, take it. */
import { useCallback } from "react";
import { Link, useParams, useSearchParams } from "react-router";
import { getArtifact } from "../api/artifacts";
import { ApiError } from "../api/client";
import type { Artifact } from "../api/types";
import { ArtifactHeader } from "../features/artifact/artifact-header";
import { Checks } from "../features/artifact/checks";
import { Columns } from "../features/artifact/columns";
import { Corrections } from "../features/artifact/corrections";
import { Description } from "../features/artifact/description";
import { Facts } from "../features/artifact/facts";
import { FeatureValues } from "../features/artifact/feature-values";
import { Files } from "../features/artifact/files";
import { FindingList } from "../features/artifact/finding-list";
import { collectFindings } from "../features/artifact/findings";
import { Labels } from "../features/artifact/labels";
import { Lineage } from "../features/artifact/lineage";
import { PythonSnippet } from "../features/artifact/python-snippet";
import { SavedViews } from "../features/artifact/saved-views";
import { ArtifactSkeleton } from "../features/artifact/skeleton";
import { StateNotice } from "../features/artifact/state-notice";
import { TrainedOn } from "../features/artifact/trained-on";
import { Versions } from "../features/artifact/versions";
import { Viewer } from "../features/artifact/viewer";
import { useResource } from "../lib/use-resource";
import { ErrorNotice, Notice } from "../ui/notice";
import { Section } from "../ui/section";

export function ArtifactPage() {
  const ref = useParams()["*"] ?? "";
  return <ArtifactByRef artifactRef={ref} key={ref} />;
}

function ArtifactByRef({ artifactRef }: { artifactRef: string }) {
  const artifact = useResource(useCallback((signal) => getArtifact(artifactRef, signal), [artifactRef]));
  if (artifact.status === "loading") return <ArtifactSkeleton />;
  if (artifact.status === "ready") return <ArtifactView artifact={artifact.value} onChange={artifact.retry} />;
  if (artifact.error instanceof ApiError && artifact.error.status === 404) {
    return (
      <Notice title="There is no such dataset">
        <title>Not found · Vitrina</title>
        <p>{artifact.error.message}</p>
        {artifact.error.hint ? <p>{artifact.error.hint}</p> : null}
        <p>
          <Link to="/">See all datasets</Link>
        </p>
      </Notice>
    );
  }
  return <ErrorNotice error={artifact.error} onRetry={artifact.retry} title="The dataset could not be loaded" />;
}

function ArtifactView({ artifact, onChange }: { artifact: Artifact; onChange: () => void }) {
  const findings = collectFindings(artifact);
  const { labels = [], values = [] } = artifact.annotations ?? {};
  const viewUid = useSearchParams()[0].get("view");
  return (
    <>
      <title>{`${artifact.key} · Vitrina`}</title>
      <StateNotice artifact={artifact} />
      <ArtifactHeader artifact={artifact} viewUid={viewUid} />
      <Viewer artifact={artifact} viewUid={viewUid} />
      <Columns
        aside={
          <>
            <Section title="Details">
              <Facts artifact={artifact} />
            </Section>
            <Versions artifact={artifact} />
            <Section title="Python">
              <PythonSnippet artifact={artifact} />
            </Section>
            <Section title="Files">
              <Files artifact={artifact} />
            </Section>
          </>
        }
      >
        {labels.length > 0 ? (
          <Section title="Labels">
            <Labels labels={labels} />
          </Section>
        ) : null}
        {values.length > 0 ? (
          <Section title="Values">
            <FeatureValues values={values} />
          </Section>
        ) : null}
        <TrainedOn artifact={artifact} />
        <SavedViews artifactUid={artifact.uid} viewUid={viewUid} />
        {findings.length > 0 ? (
          <Section count={findings.length} title="Worth knowing">
            <FindingList findings={findings} />
          </Section>
        ) : null}
        <Section title="What it contains">
          <Description content={artifact.content} />
        </Section>
        <Corrections artifact={artifact} onSaved={onChange} />
        <Checks uid={artifact.uid} />
      </Columns>
      <Lineage artifactKey={artifact.key} uid={artifact.uid} />
    </>
  );
}
