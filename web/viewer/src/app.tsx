/** The page: loading, then a problem or the views. */
import type { ComponentType } from "react";
import { useCallback, useEffect, useRef, useState } from "react";
import type { VitessceProps } from "vitessce";
import { parseConfigAddress, resolveConfig, type VitessceConfig } from "./config";
import { type Presentation, planPresentation, restoreLayout } from "./layout";
import { postToParent } from "./messages";
import { type Problem, readProblem, toProblem, ViewerError } from "./problem";
import { ProblemPage } from "./problem-page";

const REPORT_DELAY_MS = 250;

type State =
  | { step: "loading" }
  | { step: "problem"; problem: Problem }
  | {
      step: "ready";
      Vitessce: ComponentType<VitessceProps>;
      config: VitessceConfig;
      shown: Presentation;
      revision: number;
    };

/** What tests and the console can do with the page. */
export interface ViewerControl {
  /** The config with the present state of every view; null before it is loaded. */
  getConfig(): VitessceConfig | null;
  /** Show another config. */
  setConfig(config: unknown): void;
}

async function loadConfig(page: URL): Promise<{ value: unknown; address: URL }> {
  const address = parseConfigAddress(page);
  const response = await fetch(address);
  if (!response.ok) throw new ViewerError(await readProblem(response));
  return { value: await response.json(), address };
}

export function App({ page, expose }: { page: URL; expose: (control: ViewerControl) => void }) {
  const [state, setState] = useState<State>({ step: "loading" });
  const current = useRef<VitessceConfig | null>(null);
  const height = useWindowHeight();
  const report = useReport();

  const fail = useCallback((error: unknown) => {
    const problem = toProblem(error);
    setState({ step: "problem", problem });
    postToParent({ source: "vitrina-viewer", type: "problem", problem });
  }, []);

  useEffect(() => {
    let isGone = false;
    const show = async (value: unknown, base: URL) => {
      const config = resolveConfig(value, base);
      const { Vitessce } = await import("vitessce");
      if (isGone) return;
      current.current = config;
      const shown = planPresentation(config, window.innerWidth);
      setState((last) => ({
        step: "ready",
        Vitessce,
        config,
        shown,
        revision: last.step === "ready" ? last.revision + 1 : 0,
      }));
      postToParent({ source: "vitrina-viewer", type: "ready" });
    };
    expose({
      getConfig: () => current.current,
      setConfig: (config) => {
        show(config, page).catch(fail);
      },
    });
    void import("vitessce").catch(() => undefined); // starts while the config is on its way; show() tells a failure
    loadConfig(page)
      .then(({ value, address }) => show(value, address))
      .catch(fail);
    return () => {
      isGone = true;
    };
  }, [page, expose, fail]);

  if (state.step === "problem") return <ProblemPage problem={state.problem} />;
  if (state.step === "loading") {
    return (
      <p className="loading" role="status">
        Loading the view…
      </p>
    );
  }
  const { Vitessce, config, revision, shown } = state;
  return (
    <Vitessce
      config={shown.config}
      height={Math.round(shown.nScreens * height)}
      key={revision}
      onConfigChange={(changed) => {
        current.current = restoreLayout(changed as VitessceConfig, config, shown.config);
        report(current.current);
      }}
      theme={getTheme(page)}
    />
  );
}

/** `?theme=light|dark`, else what the browser prefers. */
function getTheme(page: URL): "light" | "dark" {
  const theme = page.searchParams.get("theme");
  if (theme === "light" || theme === "dark") return theme;
  return window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

function useWindowHeight(): number {
  const [height, setHeight] = useState(window.innerHeight);
  useEffect(() => {
    const update = () => setHeight(window.innerHeight);
    window.addEventListener("resize", update);
    return () => window.removeEventListener("resize", update);
  }, []);
  return height;
}

/** Tells the parent of a change, not more often than a reader of it could care for. */
function useReport(): (config: VitessceConfig) => void {
  const timer = useRef<number | undefined>(undefined);
  return useCallback((config) => {
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(
      () => postToParent({ source: "vitrina-viewer", type: "view-state", config }),
      REPORT_DELAY_MS,
    );
  }, []);
}
