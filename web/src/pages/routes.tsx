/** Addresses of the hub. */
import type { RouteObject } from "react-router";
import { ArtifactPage } from "./artifact-page";
import { GalleryPage } from "./gallery-page";
import { NotFoundPage } from "./not-found-page";
import { RootPage } from "./root-page";

export const routes: RouteObject[] = [
  {
    path: "/",
    element: <RootPage />,
    children: [
      { index: true, element: <GalleryPage /> },
      { path: "a/*", element: <ArtifactPage /> }, // a uid, or a key with its slashes
      { path: "*", element: <NotFoundPage /> },
    ],
  },
];
