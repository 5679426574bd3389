"""What the tests share: programs in terminals, servers, conversations, pictures, and how their output is read."""
