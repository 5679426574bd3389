"""How a picture that a reply promises is found where the service does not tell it."""
