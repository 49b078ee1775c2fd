/** A button, or a link that looks like one. */
import type { AnchorHTMLAttributes, ButtonHTMLAttributes } from "react";
import styles from "./button.module.css";

type Look = "quiet" | "solid";

export function Button({ look = "quiet", ...rest }: ButtonHTMLAttributes<HTMLButtonElement> & { look?: Look }) {
  return <button className={`${styles.button} ${styles[look]}`} type="button" {...rest} />;
}

export function ButtonLink({ look = "quiet", ...rest }: AnchorHTMLAttributes<HTMLAnchorElement> & { look?: Look }) {
  return <a className={`${styles.button} ${styles[look]}`} {...rest} />;
}
