"""The parts without hardware, behind the interfaces of the real ones: the demo and the tests run on them."""
