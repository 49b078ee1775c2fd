"""Images of 0.5: as in 0.4, under the key ``ome``.

Source: https://ngff.openmicroscopy.org/0.5/#multiscale-md
"""

from vitrina.checks.ngff.v04.image import check_multiscale

__all__ = ["check_multiscale"]
