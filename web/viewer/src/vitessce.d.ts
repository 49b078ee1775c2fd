/** The part of Vitessce's module that we use. Source: https://vitessce.io/docs/js-react-vitessce/ */
declare module "vitessce" {
  import type { ComponentType } from "react";

  export interface VitessceProps {
    config: object;
    height: number;
    theme: "light" | "dark";
    onConfigChange?: (config: object) => void;
  }

  export const Vitessce: ComponentType<VitessceProps>;
}
