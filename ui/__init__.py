"""The Gradio app: a chat beside a reader that opens every citation at the exact words."""
