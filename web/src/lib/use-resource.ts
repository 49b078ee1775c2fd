/** Something that is loaded once and can be tried again. */
import { useCallback, useEffect, useRef, useState } from "react";

export type Resource<T> = { retry: () => void } & (
  | { status: "loading" }
  | { status: "ready"; value: T }
  | { status: "failed"; error: unknown }
);

type State<T> = { status: "loading" } | { status: "ready"; value: T } | { status: "failed"; error: unknown };

/** @param load Starts the request; a new function is a new request, so it must be stable between renders. */
export function useResource<T>(load: (signal: AbortSignal) => Promise<T>): Resource<T> {
  const [state, setState] = useState<State<T>>({ status: "loading" });
  const inFlight = useRef<AbortController | null>(null);

  const run = useCallback(() => {
    inFlight.current?.abort();
    const controller = new AbortController();
    inFlight.current = controller;
    setState({ status: "loading" });
    load(controller.signal).then(
      (value) => controller.signal.aborted || setState({ status: "ready", value }),
      (error: unknown) => controller.signal.aborted || setState({ status: "failed", error }),
    );
  }, [load]);

  useEffect(() => {
    run();
    return () => inFlight.current?.abort();
  }, [run]);

  return { ...state, retry: run };
}
