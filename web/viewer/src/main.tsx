/** Entry of the viewer's page. */
import { createRoot } from "react-dom/client";
import { App, type ViewerControl } from "./app";
import "./main.css";
import { buildGuardedFetch } from "./network";

declare global {
  interface Window {
    vitrinaViewer?: ViewerControl;
  }
}

const page = new URL(window.location.href);
const theme = page.searchParams.get("theme");
if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;

window.fetch = buildGuardedFetch(window.fetch.bind(window), page);

const expose = (control: ViewerControl) => {
  window.vitrinaViewer = control;
};
const root = document.getElementById("root");
if (!root) throw new Error("The page has no #root.");
createRoot(root).render(<App page={page} expose={expose} />);
