"""From slides to batches: tiles around cells of many datasets, in one shuffle, at the speed of memory.

place      where a tile begins, and of what size      plan       which chunks and tiles are read together (pure)
sampler    which tiles an epoch takes                 split      training and test tiles without a common pixel
layer      pixels of one slide at one pixel size      window     decoded chunks of a part of an epoch
gather     tiles out of decoded chunks                loader     threads, batches, resuming
tiles      the dataset                                slide      one image with its cells
cohort     many datasets to one set of tiles          record     what is kept of a training

Only ``vitrina.ml.torch`` needs PyTorch, the extra ``vitrina[torch]``; all else works on NumPy.
"""
