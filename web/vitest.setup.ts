/** jsdom has no layout and no network: a test that fetches says what it gets. */
import { cleanup } from "@testing-library/react";
import { afterEach, beforeEach, vi } from "vitest";

beforeEach(() => {
  vi.stubGlobal("fetch", (input: unknown) => Promise.reject(new Error(`This test fetched ${String(input)}.`)));
  if (typeof window === "undefined") return;
  vi.stubGlobal("matchMedia", () => ({ matches: false, addEventListener() {}, removeEventListener() {} }));
  vi.stubGlobal("scrollTo", () => undefined);
});

afterEach(cleanup);
