<?php

$value = $given ?? throw new RuntimeException("none");
