"""The tests, mirroring the modules; journeys, races and the shape of the house in folders of their own."""
