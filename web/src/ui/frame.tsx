/** What every page has around it. */
import { Link, Outlet, ScrollRestoration } from "react-router";
import styles from "./frame.module.css";
import { Logo } from "./logo";

export function Frame({ name, version }: { name: string | null; version: string | null }) {
  return (
    <div className={styles.frame}>
      <a className={styles.skip} href="#content">
        Skip to the content
      </a>
      <header className={styles.header}>
        <Link className={styles.brand} to="/">
          <Logo />
          Vitrina
        </Link>
        {name ? <span className={styles.name}>{name}</span> : null}
      </header>
      <main className={styles.main} id="content" tabIndex={-1}>
        <Outlet />
      </main>
      <footer className={styles.footer}>
        <span>Vitrina{version ? ` ${version}` : ""}</span>
        <a href="/api/v1/openapi.json">API</a>
        <a href="/viewer/THIRD-PARTY-LICENSES.txt">Licences</a>
      </footer>
      <ScrollRestoration />
    </div>
  );
}
