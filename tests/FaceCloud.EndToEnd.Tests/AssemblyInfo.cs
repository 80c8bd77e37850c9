// Each class runs its own server on all cores; two at once would only slow each other down.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
