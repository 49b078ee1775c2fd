/** Stands in for the parts of Vitessce that Vitrina leaves out. Each export is a name under which such a part is loaded. */

function NotOffered() {
  return <p style={{ margin: 16 }}>This kind of view is not part of the offline viewer.</p>;
}

class NotOfferedLoader {
  constructor() {
    throw new Error("Draco meshes are not part of the offline viewer.");
  }
}

export default NotOffered;
export {
  NotOffered as HiGlassComponent,
  NotOffered as SpatialWrapper,
  NotOfferedLoader as DRACOLoader,
  NotOfferedLoader as GLTFLoader,
};
export const a = { SpatialWrapper: NotOffered };
