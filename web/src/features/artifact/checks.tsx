/** Checks of the stored bytes. They are made when somebody asks for them, since they may read much. */
import { useCallback, useState } from "react";
import { checkArtifact, type Purpose } from "../../api/checks";
import { useResource } from "../../lib/use-resource";
import { Button } from "../../ui/button";
import { ErrorNotice } from "../../ui/notice";
import { Section } from "../../ui/section";
import styles from "./checks.module.css";
import { FindingList } from "./finding-list";

const TITLES: Readonly<Record<Purpose, string>> = {
  specification: "Against its specification",
  viewer: "For the viewer",
};

export function Checks({ uid }: { uid: string }) {
  const [isAsked, setIsAsked] = useState(false);
  return (
    <Section title="Check">
      {isAsked ? (
        <>
          <Outcome purpose="specification" uid={uid} />
          <Outcome purpose="viewer" uid={uid} />
        </>
      ) : (
        <Button onClick={() => setIsAsked(true)}>Check the stored data</Button>
      )}
    </Section>
  );
}

function Outcome({ purpose, uid }: { purpose: Purpose; uid: string }) {
  const report = useResource(useCallback((signal) => checkArtifact(uid, purpose, signal), [uid, purpose]));
  if (report.status === "failed") {
    return <ErrorNotice error={report.error} onRetry={report.retry} title={`${TITLES[purpose]}: no result`} />;
  }
  if (report.status === "loading") {
    return <p role="status">{TITLES[purpose]}: reading …</p>;
  }
  const { findings, kind, valid, version } = report.value;
  return (
    <div className={styles.outcome}>
      <h3>
        {TITLES[purpose]}: {valid ? "valid" : "not valid"}{" "}
        <span className={styles.kind}>{[kind, version].filter(Boolean).join(" ")}</span>
      </h3>
      {findings.length > 0 ? <FindingList findings={findings} /> : <p>Nothing was found.</p>}
    </div>
  );
}
