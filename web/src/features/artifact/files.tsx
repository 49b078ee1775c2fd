/** The stored files; folders are listed when they are opened. */
import { useCallback, useState } from "react";
import { getDataUrl, listFiles } from "../../api/artifacts";
import type { Artifact, FileEntry, FilePage } from "../../api/types";
import { formatBytes } from "../../lib/format";
import { usePages } from "../../lib/use-pages";
import { Button } from "../../ui/button";
import { Icon } from "../../ui/icon";
import styles from "./files.module.css";

export function Files({ artifact }: { artifact: Artifact }) {
  if (artifact.is_folder) {
    return (
      <div className={styles.files}>
        <Folder artifact={artifact} path="" />
      </div>
    );
  }
  return (
    <ul className={styles.files}>
      <File href={getDataUrl(artifact)} isAlone name={artifact.basename} sizeBytes={artifact.size_bytes} />
    </ul>
  );
}

function Folder({ artifact, path }: { artifact: Artifact; path: string }) {
  const { uid } = artifact;
  const files = usePages<FileEntry, FilePage>(
    useCallback((cursor, signal) => listFiles(uid, path, cursor, signal), [uid, path]),
  );
  return (
    <>
      <ul className={path ? styles.inner : undefined}>
        {files.items.map((entry) => (
          <Entry artifact={artifact} entry={entry} folder={path} key={entry.name} />
        ))}
      </ul>
      {files.status.startsWith("loading") ? <p className={styles.note}>Loading…</p> : null}
      {files.status === "ready" && files.items.length === 0 ? <p className={styles.note}>Empty</p> : null}
      {files.status === "failed" ? (
        <p className={styles.note} role="alert">
          {files.error instanceof Error ? files.error.message : String(files.error)}{" "}
          <Button onClick={files.retry}>Try again</Button>
        </p>
      ) : null}
      {files.status === "ready" && files.hasMore ? <Button onClick={files.loadMore}>Show more</Button> : null}
    </>
  );
}

function Entry({ artifact, entry, folder }: { artifact: Artifact; entry: FileEntry; folder: string }) {
  const [isOpen, setIsOpen] = useState(false);
  const path = folder ? `${folder}/${entry.name}` : entry.name;
  if (!entry.is_folder) {
    return <File href={getDataUrl(artifact, path)} name={entry.name} sizeBytes={entry.size_bytes ?? null} />;
  }
  return (
    <li>
      <button aria-expanded={isOpen} className={styles.row} onClick={() => setIsOpen(!isOpen)} type="button">
        <span className={styles.chevron}>
          <Icon name="chevron" size={16} />
        </span>
        <Icon name="folder" size={16} />
        <span className={styles.name}>{entry.name}</span>
      </button>
      {isOpen ? <Folder artifact={artifact} path={path} /> : null}
    </li>
  );
}

interface FileProps {
  href: string;
  /** Whether there are no folders beside it to be aligned with. */
  isAlone?: boolean;
  name: string;
  sizeBytes: number | null;
}

function File({ href, isAlone = false, name, sizeBytes }: FileProps) {
  return (
    <li>
      <a className={styles.row} download={name} href={href}>
        {isAlone ? null : <span className={styles.chevron} />}
        <Icon name="file" size={16} />
        <span className={styles.name}>{name}</span>{" "}
        <span className={styles.size}>{sizeBytes === null ? "" : formatBytes(sizeBytes)}</span>
      </a>
    </li>
  );
}
