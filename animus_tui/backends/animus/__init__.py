"""The Animus service: sign-in, chat, images, media jobs, characters and account."""
