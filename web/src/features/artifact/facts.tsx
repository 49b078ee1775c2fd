/** The record's own fields. */
import type { ReactNode } from "react";
import { getFormatName, parseVersion } from "../../api/summary";
import type { Artifact } from "../../api/types";
import { formatBytes, formatCount, formatMoment } from "../../lib/format";
import { CopyButton } from "../../ui/copy-button";
import styles from "./facts.module.css";

const CONTAINERS: Readonly<Record<string, string>> = {
  zarr2: "Zarr 2",
  zarr3: "Zarr 3",
  hdf5: "HDF5",
  tiff: "TIFF",
  csv: "CSV",
  parquet: "Parquet",
};

const HASH_DIGITS = 12;

export function Facts({ artifact }: { artifact: Artifact }) {
  return (
    <dl className={styles.facts}>
      <Fact name="Uid">
        <code>{artifact.uid}</code> <CopyButton label="Copy the uid" text={artifact.uid} />
      </Fact>
      <Fact name="Version">
        {parseVersion(artifact.version)}
        {describeState(artifact)}
      </Fact>
      <Fact name="Format">{describeFormat(artifact)}</Fact>
      <Fact name="Size">
        {formatBytes(artifact.size_bytes)}
        {artifact.is_folder ? ` in ${formatCount(artifact.n_files, "file")}` : ""}
      </Fact>
      <Fact name="Added">
        <time dateTime={artifact.created_at}>{formatMoment(artifact.created_at)}</time> by {artifact.created_by}
      </Fact>
      <Fact name="Hash">
        <code title={artifact.hash}>{artifact.hash.slice(0, HASH_DIGITS)}…</code>{" "}
        <CopyButton label="Copy the hash" text={artifact.hash} />
      </Fact>
    </dl>
  );
}

function Fact({ children, name }: { children: ReactNode; name: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function describeState({ is_latest, trashed_at }: Artifact): string {
  if (trashed_at) return " (in the trash)";
  return is_latest ? " (latest)" : " (there is a newer one)";
}

function describeFormat({ content, format }: Artifact): string {
  const name = [getFormatName(format), content.format_version].filter(Boolean).join(" ");
  const container = CONTAINERS[content.container];
  const details = [
    container !== getFormatName(format) ? container : undefined,
    content.is_zipped ? "zipped" : undefined,
  ];
  return [name, ...details].filter(Boolean).join(", ");
}
