/** Findings in their own words, each with what to do about it. */
import type { Finding } from "../../api/types";
import { Icon } from "../../ui/icon";
import styles from "./finding-list.module.css";
import { getFindingKey } from "./findings";

const NAMES: Readonly<Record<Finding["severity"], string>> = { error: "Error", warning: "Warning", info: "Note" };

export function FindingList({ findings }: { findings: readonly Finding[] }) {
  return (
    <ul className={styles.list}>
      {findings.map((finding) => (
        <li className={styles[finding.severity]} key={getFindingKey(finding)}>
          <Icon name={finding.severity} size={20} />
          <div>
            <p>
              <span className="visually-hidden">{NAMES[finding.severity]}: </span>
              {finding.message}
              <Place path={finding.path} />
            </p>
            {finding.fix ? <p className={styles.fix}>{finding.fix}</p> : null}
          </div>
        </li>
      ))}
    </ul>
  );
}

/** The node that a finding is about, when it is not the whole dataset. */
function Place({ path }: { path: string }) {
  const node = path.split("#")[0];
  return node ? <code> {node}</code> : null;
}
