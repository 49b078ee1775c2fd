/** The views that were saved of a dataset; each opens in the viewer above. Nothing when there are none. */
import { useCallback } from "react";
import { Link } from "react-router";
import { listViews } from "../../api/views";
import { formatDate } from "../../lib/format";
import { useResource } from "../../lib/use-resource";
import { ErrorNotice } from "../../ui/notice";
import { Section } from "../../ui/section";
import styles from "./saved-views.module.css";

interface Props {
  artifactUid: string;
  /** The one that is shown; null for the automatic one. */
  viewUid: string | null;
}

export function SavedViews({ artifactUid, viewUid }: Props) {
  const views = useResource(useCallback((signal) => listViews(artifactUid, signal), [artifactUid]));
  if (views.status === "loading") return null;
  if (views.status === "failed") {
    return <ErrorNotice error={views.error} onRetry={views.retry} title="The saved views could not be loaded" />;
  }
  const { items, total } = views.value;
  if (items.length === 0) return null;
  return (
    <Section count={total} title="Saved views">
      <ul className={styles.list}>
        {items.map((view) => (
          <Choice isShown={view.uid === viewUid} key={view.uid} name={view.name} search={`?view=${view.uid}`}>
            {formatDate(view.created_at)} · {view.created_by}
          </Choice>
        ))}
        <Choice isShown={viewUid === null} name="Automatic view" search="" />
      </ul>
      {total > items.length ? <p className={styles.note}>The newest {items.length} are listed.</p> : null}
    </Section>
  );
}

interface ChoiceProps {
  children?: React.ReactNode;
  isShown: boolean;
  name: string;
  search: string;
}

function Choice({ children, isShown, name, search }: ChoiceProps) {
  return (
    <li>
      <Link aria-current={isShown ? "true" : undefined} className={styles.choice} to={{ search }}>
        {name}
      </Link>
      {children ? <span className={styles.note}>{children}</span> : null}
    </li>
  );
}
