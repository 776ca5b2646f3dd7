"""The pump companion: asks why you are pumping, keeps the answer, and tells the home's dashboards."""
