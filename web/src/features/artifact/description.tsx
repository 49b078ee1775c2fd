/** Everything in the dataset, by kind. */
import type { ReactNode } from "react";
import type { Content, Element } from "../../api/types";
import { formatCount } from "../../lib/format";
import { ArrayDetails } from "./array-details";
import styles from "./description.module.css";
import { describeElement } from "./element-text";
import { PointsDetails } from "./points-details";
import { ShapesDetails } from "./shapes-details";
import { TableDetails } from "./table-details";

const GROUPS: readonly { kind: Element["kind"]; title: string }[] = [
  { kind: "image", title: "Images" },
  { kind: "labels", title: "Labels" },
  { kind: "shapes", title: "Shapes" },
  { kind: "points", title: "Points" },
  { kind: "table", title: "Tables" },
];

/** Few elements are shown open; many are an overview first. */
const MAX_OPEN = 2;

export function Description({ content }: { content: Content }) {
  const { coordinate_systems: systems, elements } = content;
  if (elements.length === 0) return <p className={styles.quiet}>No image, annotation or table was recognized in it.</p>;
  return (
    <div className={styles.description}>
      {GROUPS.map(({ kind, title }) => {
        const group = elements.filter((element) => element.kind === kind);
        if (group.length === 0) return null;
        return (
          <div key={kind}>
            <h3 className={styles.group}>{title}</h3>
            {group.map((element) => (
              <ElementItem element={element} isOpen={elements.length <= MAX_OPEN} key={element.path || element.name} />
            ))}
          </div>
        );
      })}
      {systems.length > 0 ? (
        <p className={styles.quiet}>
          {formatCount(systems.length, "coordinate system")}: {systems.join(", ")}
        </p>
      ) : null}
    </div>
  );
}

function ElementItem({ element, isOpen }: { element: Element; isOpen: boolean }) {
  return (
    <details className={styles.element} open={isOpen}>
      <summary>
        <span className={styles.name}>{element.name}</span>
        <span className={styles.text}>{describeElement(element)}</span>
      </summary>
      <div className={styles.body}>{renderDetails(element)}</div>
    </details>
  );
}

function renderDetails(element: Element): ReactNode {
  switch (element.kind) {
    case "image":
    case "labels":
      return <ArrayDetails element={element} />;
    case "points":
      return <PointsDetails element={element} />;
    case "shapes":
      return <ShapesDetails element={element} />;
    case "table":
      return <TableDetails element={element} />;
  }
}
