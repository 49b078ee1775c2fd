/** A list that is loaded page after page. */
import { useCallback, useEffect, useRef, useState } from "react";

interface PageOf<T> {
  items: readonly T[];
  next_cursor?: string | null;
}

export type Load<P> = (cursor: string | null, signal: AbortSignal) => Promise<P>;

interface State<T, P> {
  status: "loading" | "loading-more" | "ready" | "failed";
  items: readonly T[];
  /** The page that came last; null before the first, and when the first one failed. */
  page: P | null;
  error: unknown;
}

export interface Pages<T, P> extends State<T, P> {
  hasMore: boolean;
  loadMore: () => void;
  /** Ask again for the page that failed. */
  retry: () => void;
}

/**
 * @param load Starts the request for a page; a new function is a new list, so it must be stable between renders. While a
 *   new list is on its way, the items of the last one stay.
 */
export function usePages<T, P extends PageOf<T>>(load: Load<P>): Pages<T, P> {
  const [state, setState] = useState<State<T, P>>({ status: "loading", items: [], page: null, error: null });
  const inFlight = useRef<AbortController | null>(null);

  const run = useCallback(
    (cursor: string | null) => {
      inFlight.current?.abort();
      const controller = new AbortController();
      inFlight.current = controller;
      setState((last) => ({ ...last, status: cursor ? "loading-more" : "loading", error: null }));
      load(cursor, controller.signal).then(
        (page) => {
          if (controller.signal.aborted) return;
          const items = page.items;
          setState((last) => ({
            status: "ready",
            items: cursor ? [...last.items, ...items] : items,
            page,
            error: null,
          }));
        },
        (error: unknown) => {
          if (controller.signal.aborted) return;
          setState((last) =>
            cursor ? { ...last, status: "failed", error } : { status: "failed", items: [], page: null, error },
          );
        },
      );
    },
    [load],
  );

  useEffect(() => {
    run(null);
    return () => inFlight.current?.abort();
  }, [run]);

  const nextCursor = state.page?.next_cursor ?? null;
  return {
    ...state,
    hasMore: nextCursor !== null,
    loadMore: () => run(nextCursor),
    retry: () => run(nextCursor), // null after the first page failed,
  };
}
