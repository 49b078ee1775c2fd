"""Output folders of 10x Genomics: Visium, Visium HD, Xenium.

bundle       the files of an output folder     matrix     counts in any of the vendor's three forms
spots        Visium spots and Visium HD bins   visium     the reader of Visium
pictures     PNG and JPEG                      visium_hd  the reader of Visium HD
tiffs        TIFF, one or several files        cells      the reader's cells of Xenium
boundaries   outlines                          xenium     the reader of Xenium
transcripts  molecules                         masks      label images of Xenium
"""
