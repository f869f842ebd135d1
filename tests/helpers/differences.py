"""What several tests of explorers measure."""


def errors_of(explorer):
    """What is wrong, of each layer where something is."""
    return [picture.error for picture in explorer.scene(30) if picture.error]
