"""Services with OpenAI's chat API: OpenAI, OpenRouter, Mistral, Groq, DeepSeek, Ollama, LM Studio, llama.cpp, vLLM…"""
