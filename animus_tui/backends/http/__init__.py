"""What every service over HTTP needs: connections, proxies, time limits, retries and errors from answers."""
