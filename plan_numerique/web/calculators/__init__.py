"""What opens a calculator to other programs, a JSON document in and another out: its endpoint and its command."""
