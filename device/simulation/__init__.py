"""Days of a household with faults, from one seed: the device's own code through made-up time."""
