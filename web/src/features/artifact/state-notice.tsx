/** Said of a dataset that is not the latest version, or that lies in the trash. */
import { Link } from "react-router";
import { getPageUrl } from "../../api/artifacts";
import type { Artifact } from "../../api/types";
import { formatDate } from "../../lib/format";
import { Icon } from "../../ui/icon";
import styles from "./state-notice.module.css";

export function StateNotice({ artifact }: { artifact: Artifact }) {
  if (artifact.trashed_at) {
    return (
      <p className={styles.notice}>
        <Icon name="warning" />
        <span>
          This dataset has been in the trash since{" "}
          <time dateTime={artifact.trashed_at}>{formatDate(artifact.trashed_at)}</time>. Searches do not find it.
        </span>
      </p>
    );
  }
  if (artifact.is_latest) return null;
  return (
    <p className={styles.notice}>
      <Icon name="info" />
      <span>
        This is an older version. <Link to={getPageUrl(artifact.key)}>See the latest version</Link>
      </span>
    </p>
  );
}
