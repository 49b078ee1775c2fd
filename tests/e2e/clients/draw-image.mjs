/** A page that draws an image with Viv, as Viv's own viewers do, but without their panels. */
import { Deck, OrthographicView } from "@deck.gl/core";
import { ImageLayer, loadOmeTiff, loadOmeZarr, MultiscaleImageLayer } from "@hms-dbmi/viv";

/**
 * Draw an image into the element `picture`.
 *
 * @param {string} address Of an OME-TIFF, or of the group of an OME-Zarr image.
 * @param {{ c: number, color: number[], limits: number[] }[]} channels To be drawn.
 * @param {{ target: number[], zoom: number }} camera What is in the middle, and the logarithm of the magnification.
 * @returns {Promise<{ shapes: number[][], dtype: string }>} What was opened.
 */
window.drawImage = async (address, channels, camera) => {
  const isTiff = /\.tiff?$/.test(address);
  const { data } = isTiff ? await loadOmeTiff(address) : await loadOmeZarr(address, { type: "multiscales" });
  const select = (place) => Object.fromEntries(Object.entries(place).filter(([axis]) => data[0].labels.includes(axis)));
  const isFlat = data.length === 1;
  const layer = new (isFlat ? ImageLayer : MultiscaleImageLayer)({
    id: "image",
    loader: isFlat ? data[0] : data,
    selections: channels.map(({ c }) => select({ t: 0, z: 0, c })),
    channelsVisible: channels.map(() => true),
    colors: channels.map(({ color }) => color),
    contrastLimits: channels.map(({ limits }) => limits),
  });
  new Deck({
    parent: document.querySelector("#picture"),
    views: new OrthographicView({ id: "image" }),
    initialViewState: camera,
    layers: [layer],
    useDevicePixels: false,
  });
  return { shapes: data.map(({ shape }) => shape), dtype: data[0].dtype };
};
