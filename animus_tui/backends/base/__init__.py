"""What every service is asked and answers, its errors, and the files it delivers. Knows no HTTP library."""
