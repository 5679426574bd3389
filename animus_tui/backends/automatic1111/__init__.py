"""The image API of AUTOMATIC1111's WebUI, which Forge, KoboldCpp and stable-diffusion.cpp speak, too."""
