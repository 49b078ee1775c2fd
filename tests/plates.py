"""Plates written in the layouts of their vendors, with pixels that tell where they belong."""

from __future__ import annotations

import numpy as np
import tifffile

METASERIES = """<MetaData>
<prop id="Description" type="string" value=""/>
<PlaneInfo>
<prop id="spatial-calibration-state" type="bool" value="on"/>
<prop id="spatial-calibration-x" type="float" value="0.5"/>
<prop id="spatial-calibration-y" type="float" value="0.25"/>
<prop id="spatial-calibration-units" type="string" value="um"/>
<prop id="image-name" type="string" value="{name}"/>
<prop id="stage-position-x" type="float" value="{x}"/>
<prop id="stage-position-y" type="float" value="{y}"/>
<prop id="z-position" type="float" value="{z}"/>
</PlaneInfo>
</MetaData>"""

UUID = "01234567-89AB-CDEF-0123-456789ABCDEF"


def make_plane(*place, shape=(24, 40)):
    """Pixels that differ from those of every other place."""
    rng = np.random.default_rng(list(place))
    return rng.integers(1, 60000, shape).astype(np.uint16)


def write_imagexpress(root, *, wells=("A01", "B02"), sites=(1, 2), waves=(1, 2), n_z=3, n_t=1, skip=()):
    """A folder of MetaXpress; ``skip`` are places (well, site, wave, t, z) without a file."""
    for well in wells:
        for site in sites:
            for wave in waves:
                for t in range(1, n_t + 1):
                    for z in range(1, n_z + 1):
                        if (well, site, wave, t, z) in skip:
                            continue
                        folder = root / "2024-01-01" / "17"
                        folder = folder / f"TimePoint_{t}" if n_t > 1 else folder
                        folder = folder / f"ZStep_{z}" if n_z > 1 else folder
                        folder.mkdir(parents=True, exist_ok=True)
                        described = METASERIES.format(
                            name=("DAPI", "GFP", "Cy5")[wave - 1], x=1000.0 + 20 * site, y=500.0, z=7.0 + 2.5 * z
                        )
                        tifffile.imwrite(
                            folder / f"run_{well}_s{site}_w{wave}{UUID}.tif",
                            make_plane(ord(well[0]), int(well[1:]), site, wave, t, z),
                            description=described,
                            metadata=None,
                        )
                        tifffile.imwrite(
                            folder / f"run_{well}_s{site}_w{wave}_thumb{UUID}.tif", np.zeros((6, 10), np.uint16)
                        )
    return root


OPERETTA = """<?xml version="1.0" encoding="utf-8"?>
<EvaluationInputData xmlns="http://www.perkinelmer.com/PEHH/HarmonyV5" Version="1">
  <Plates><Plate><PlateID>P1</PlateID><Name>Screen 7</Name><PlateRows>8</PlateRows><PlateColumns>12</PlateColumns>
    <Well id="0203"/></Plate></Plates>
  <Wells><Well><id>0203</id><Row>2</Row><Col>3</Col><Image id="0203K1F1P1R1"/></Well></Wells>
  {maps}
  <Images Version="1">{images}</Images>
</EvaluationInputData>"""

OPERETTA_IMAGE = """<Image Version="1"><id>{id}</id><State>Ok</State><URL>{url}</URL><Row>{row}</Row><Col>{column}</Col>
<FieldID>{field}</FieldID><PlaneID>{z}</PlaneID><TimepointID>{t}</TimepointID><ChannelID>{channel}</ChannelID>
<FlimID>1</FlimID>{alike}
<PositionX Unit="m">{x}</PositionX><PositionY Unit="m">{y}</PositionY><PositionZ Unit="m">{position_z}</PositionZ>
<MeasurementTimeOffset Unit="s">{time}</MeasurementTimeOffset></Image>"""

ALIKE = """<ChannelName>{name}</ChannelName><ImageResolutionX Unit="m">5E-07</ImageResolutionX>
<ImageResolutionY Unit="m">5E-07</ImageResolutionY><ImageSizeX>40</ImageSizeX><ImageSizeY>24</ImageSizeY>"""


def write_operetta(root, *, wells=((2, 3), (16, 12)), fields=(1, 2), n_z=2, n_t=2, has_maps=False, skip=(), url=None):
    """A measurement of Harmony; with maps, what is alike for a channel stands once, as newer versions do it."""
    folder = root / "Images"
    folder.mkdir(parents=True)
    names = {1: "Hoechst", 2: "Alexa 488"}
    images = []
    for row, column in wells:
        for field in fields:
            for channel, name in names.items():
                for t in range(n_t):
                    for z in range(1, n_z + 1):
                        own = f"r{row:02}c{column:02}f{field:02}p{z:02}-ch{channel}sk{t + 1}fk1fl1.tiff"
                        images.append(
                            OPERETTA_IMAGE.format(
                                id=own, url=url or own, row=row, column=column, field=field, z=z, t=t, channel=channel,
                                alike="" if has_maps else ALIKE.format(name=name), x=1e-5 * field, y=3e-5 * field,
                                position_z=1.5e-6 * z, time=60.0 * t,
                            )
                        )  # fmt: skip
                        if (row, column, field, channel, t, z) not in skip:
                            tifffile.imwrite(folder / own, make_plane(row, column, field, channel, t, z))
    entries = "".join(
        f'<Entry ChannelID="{number}">{ALIKE.format(name=name)}</Entry>' for number, name in names.items()
    )
    maps = f"<Maps><Map>{entries}</Map></Maps>" if has_maps else ""
    (folder / "Index.idx.xml").write_text(OPERETTA.format(maps=maps, images="".join(images)))
    return root
