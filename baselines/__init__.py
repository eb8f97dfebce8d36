"""What an entry is made of: architectures, training methods and saliency methods."""
