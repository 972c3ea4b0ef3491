"""Arithmetic over metrics: parsed by an own allow-list, evaluated on arrays or on decimals."""
